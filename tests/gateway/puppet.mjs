/** The puppet: a WeChat account in the scripted world, which does what the bot asks and records it. */
import { FileBox } from 'file-box'
import { types } from 'wechaty-puppet'
import { PuppetMock, mock } from 'wechaty-puppet-mock'

import { PNG_1x1, describe, makeBox } from './boxes.mjs'
import { newId, record, state } from './state.mjs'

const MSG = types.Message
const TYPE_BY_NAME = {
  'unknown': MSG.Unknown, 'attachment': MSG.Attachment, 'file': MSG.Attachment, 'audio': MSG.Audio,
  'contact': MSG.Contact, 'chat-history': MSG.ChatHistory, 'emoticon': MSG.Emoticon, 'image': MSG.Image,
  'text': MSG.Text, 'location': MSG.Location, 'mini-program': MSG.MiniProgram, 'group-note': MSG.GroupNote,
  'transfer': MSG.Transfer, 'red-envelope': MSG.RedEnvelope, 'recalled': MSG.Recalled, 'url': MSG.Url,
  'video': MSG.Video, 'post': MSG.Post,
}
const LAST_MESSAGES = 200_000

const isRoom = id => id.includes('@chatroom')

export class ScriptedPuppet extends PuppetMock {
  constructor (autologin) {
    super({ mocker: new mock.Mocker() })
    this.starts = 0; this.stops = 0; this.sends = []
    this.mocker.use(() => { // runs after every successful start()
      if (autologin) this.loginAgain()
      return () => undefined
    })
  }

  loginAgain () { if (!this.isLoggedIn) { this.login(state.world.self); this.emit('ready', { data: 'ready' }) } }

  async onStart () { this.starts++; record('start', {}); return super.onStart() }
  async onStop () { this.stops++; record('stop', {}); return super.onStop() }
  async logout (reason) { record('logout', { reason }); return super.logout(reason) }
  ding (data) { record('ding', { data }); setTimeout(() => this.emit('dong', { data: data || '' }), state.settings.dingDelayMs) }

  // ---- contacts
  async contactList () { return [...state.world.contacts.keys()] }
  async contactRawPayload (id) { return { ...state.world.contact(id) } }
  async contactRawPayloadParser (p) { return p }
  async contactAlias (id, alias) {
    if (alias === undefined) return state.world.contact(id).alias
    record('contactAlias', { id, alias }); state.world.contact(id).alias = alias ?? ''; this.dirty(types.Payload.Contact, id)
  }

  async contactAvatar (id, file) {
    if (file) { record('contactAvatar', { id, file: await describe(file) }); return }
    return FileBox.fromBase64(PNG_1x1, `avatar-${id}.png`)
  }

  async contactSelfName (name) { record('contactSelfName', { name }); state.world.contact(state.world.self).name = name }
  async contactSelfSignature (signature) { record('contactSelfSignature', { signature }) }
  async contactSelfQRCode () { return 'https://example.invalid/qr/self' }

  // ---- messages
  async messageRawPayload (id) { return state.world.message(id) }
  async messageRawPayloadParser (p) { return p }
  attached (id, part) { const a = state.world.attachments.get(id)?.[part]; if (!a) throw new Error(`no ${part} in message: ${id}`); return a }
  async messageContact (id) { return this.attached(id, 'contactId') }
  async messageUrl (id) { return this.attached(id, 'url') }
  async messageMiniProgram (id) { return this.attached(id, 'miniProgram') }
  async messageLocation (id) { return this.attached(id, 'location') }
  async messageFile (id) { return makeBox(this.attached(id, 'file')) }
  async messageImage (id, _size) { return this.messageFile(id) }
  async messageRecall (id) {
    const m = state.world.message(id)
    record('messageRecall', { id, roomId: m.roomId })
    if (m.talkerId !== state.world.self) return false
    this.inject({ type: 'recalled', text: id, roomId: m.roomId, talkerId: state.world.self, listenerId: m.listenerId }, state.settings.echoSelf)
    return true
  }

  async messageForward (conversationId, messageId) { const id = newId('bot'); record('messageForward', { conversationId, messageId }, { id }); return id }

  async send (method, conversationId, type, text, args, attachment) {
    if (!this.isLoggedIn) throw new Error('not logged in')
    const { rateLimit, echoSelf, noMessageId } = state.settings
    if (rateLimit) {
      const now = Date.now()
      this.sends = this.sends.filter(t => now - t < rateLimit.perMs)
      if (this.sends.length >= rateLimit.max) { record('rate-limited', { method, conversationId }); throw new Error('操作过于频繁，可稍后再试。') }
      this.sends.push(now)
    }
    if (!isRoom(conversationId)) state.world.contact(conversationId)
    else if (!state.world.room(conversationId).memberIdList.includes(state.world.self)) throw new Error('the bot is not in the room ' + conversationId)
    const id = newId('bot')
    record(method, { conversationId, ...args }, { id })
    this.inject({
      id, type, text, talkerId: state.world.self, roomId: isRoom(conversationId) ? conversationId : undefined,
      listenerId: isRoom(conversationId) ? undefined : conversationId, mentionIdList: args.mentionIdList, attachment,
    }, echoSelf)
    return noMessageId ? undefined : id
  }

  async messageSendText (c, text, mentionIdList) { return this.send('messageSendText', c, 'text', text, { text, mentionIdList: mentionIdList ?? [] }) }
  async messageSendFile (c, file) {
    const d = await describe(file)
    const type = /\.(png|jpe?g|gif|bmp)$/i.test(d.name) ? 'image' : 'attachment'
    return this.send('messageSendFile', c, type, '', { file: d }, { file: { name: d.name, base64: d.base64 ?? PNG_1x1, mode: 'base64' } })
  }

  async messageSendContact (c, contactId) { return this.send('messageSendContact', c, 'contact', '', { contactId }, { contactId }) }
  async messageSendUrl (c, url) { return this.send('messageSendUrl', c, 'url', '', { url }, { url }) }
  async messageSendMiniProgram (c, miniProgram) { return this.send('messageSendMiniProgram', c, 'mini-program', '', { miniProgram }, { miniProgram }) }
  async messageSendLocation (c, location) { return this.send('messageSendLocation', c, 'location', '', { location }, { location }) }

  /** Put a message into the world and, by default, emit the event. */
  inject (m, emit = true) {
    const id = m.id ?? newId('msg')
    const type = typeof m.type === 'number' ? m.type : TYPE_BY_NAME[m.type ?? 'text']
    if (type === undefined) throw new Error('unknown message type: ' + m.type)
    const now = state.settings.secondsNotMs ? Math.floor(Date.now() / 1000) : Date.now()
    state.world.messages.set(id, {
      id, type, talkerId: m.talkerId, text: m.text ?? '', filename: m.filename ?? '', timestamp: m.timestamp ?? now,
      roomId: m.roomId, listenerId: m.listenerId, mentionIdList: m.mentionIdList ?? [],
    })
    if (m.attachment) state.world.attachments.set(id, m.attachment)
    if (state.world.messages.size > LAST_MESSAGES) { const k = state.world.messages.keys().next().value; state.world.messages.delete(k); state.world.attachments.delete(k) }
    if (emit) this.emit('message', { messageId: id })
    return id
  }

  // ---- rooms
  manage (roomId, what) {
    if (state.settings.enforcePermissions && !state.world.canManage(roomId)) throw new Error(`no permission: the bot is neither owner nor admin of ${roomId} (${what})`)
  }

  dirty (payloadType, payloadId) { this.emit('dirty', { payloadType, payloadId }) }
  dirtyRoom (id) { this.dirty(types.Payload.Room, id); this.dirty(types.Payload.RoomMember, id) }

  async roomList () { return [...state.world.rooms.keys()] }
  async roomRawPayload (id) { const { members: _m, announcement: _a, ...r } = state.world.room(id); return { ...r, memberIdList: [...r.memberIdList] } }
  async roomRawPayloadParser (p) { return p }
  async roomMemberList (id) { return [...state.world.room(id).memberIdList] }
  async roomMemberRawPayload (roomId, id) {
    const room = state.world.room(roomId)
    if (!room.memberIdList.includes(id)) return undefined
    const c = state.world.contact(id); const m = room.members[id] ?? {}
    return { id, name: c.name, avatar: c.avatar, roomAlias: m.roomAlias ?? '', inviterId: m.inviterId ?? '' }
  }

  async roomMemberRawPayloadParser (p) { return p }
  async roomDel (roomId, contactId) {
    this.manage(roomId, 'roomDel')
    if (!state.world.room(roomId).memberIdList.includes(contactId)) throw new Error(`${contactId} is not in ${roomId}`)
    const ignored = state.settings.silentNoop.includes('roomDel')
    record('roomDel', { roomId, contactId }, { ignored })
    if (!ignored) this.leave(roomId, [contactId], state.world.self, state.settings.emitManagementEvents)
  }

  async roomAdd (roomId, contactId, inviteOnly) {
    const room = state.world.room(roomId); state.world.contact(contactId)
    const asInvite = inviteOnly || room.memberIdList.length >= state.settings.inviteThreshold
    record('roomAdd', { roomId, contactId, inviteOnly: !!inviteOnly, asInvite })
    if (!asInvite) this.join(roomId, [contactId], state.world.self, state.settings.emitManagementEvents)
  }

  async roomTopic (roomId, topic) {
    if (topic === undefined) return state.world.room(roomId).topic
    this.manage(roomId, 'roomTopic'); record('roomTopic', { roomId, topic })
    if (!state.settings.silentNoop.includes('roomTopic')) this.retopic(roomId, topic, state.world.self, state.settings.emitManagementEvents)
  }

  async roomAnnounce (roomId, text) {
    if (text === undefined) return state.world.room(roomId).announcement
    this.manage(roomId, 'roomAnnounce'); record('roomAnnounce', { roomId, text })
    if (!state.settings.silentNoop.includes('roomAnnounce')) state.world.room(roomId).announcement = text
  }

  async roomCreate (contactIdList, topic) {
    const id = `2${newId('').replace(/\D/g, '')}@chatroom`
    record('roomCreate', { contactIdList, topic }, { id })
    state.world.addRoom({ id, topic, ownerId: state.world.self, memberIdList: [state.world.self, ...contactIdList] }); return id
  }

  async roomQuit (roomId) { record('roomQuit', { roomId }); this.leave(roomId, [state.world.self], state.world.self, state.settings.emitManagementEvents) }
  async roomQRCode (roomId) { record('roomQRCode', { roomId }); return 'https://example.invalid/qr/' + roomId }
  async roomAvatar (_roomId) { return FileBox.fromUrl('http://127.0.0.1:1/avatar.png', { name: 'avatar.png' }) }

  // ---- changes of the world that are also events
  join (roomId, inviteeIdList, inviterId, emit = true, timestamp = Date.now()) {
    const room = state.world.room(roomId)
    for (const id of inviteeIdList) {
      if (!state.world.contacts.has(id)) state.world.addContact({ id, name: '新人' + id.slice(-2) })
      if (!room.memberIdList.includes(id)) room.memberIdList.push(id)
      room.members[id] = { ...(room.members[id] ?? {}), inviterId }
    }
    this.dirtyRoom(roomId)
    if (emit) this.emit('room-join', { inviteeIdList, inviterId, roomId, timestamp })
  }

  leave (roomId, removeeIdList, removerId, emit = true, timestamp = Date.now()) {
    const room = state.world.room(roomId)
    room.memberIdList = room.memberIdList.filter(id => !removeeIdList.includes(id))
    for (const id of removeeIdList) delete room.members[id]
    this.dirtyRoom(roomId)
    if (emit) this.emit('room-leave', { removeeIdList, removerId, roomId, timestamp })
  }

  retopic (roomId, newTopic, changerId, emit = true, timestamp = Date.now()) {
    const room = state.world.room(roomId); const oldTopic = room.topic; room.topic = newTopic
    this.dirtyRoom(roomId)
    if (emit) this.emit('room-topic', { changerId, newTopic, oldTopic, roomId, timestamp })
  }

  // ---- invitations, friendships
  async roomInvitationRawPayload (id) { const p = state.world.invitations.get(id); if (!p) throw new Error('no such invitation: ' + id); return p }
  async roomInvitationRawPayloadParser (p) { return p }
  async roomInvitationAccept (id) { record('roomInvitationAccept', { id }); const p = state.world.invitations.get(id); if (state.world.rooms.has(p?.roomId)) this.join(p.roomId, [state.world.self], p.inviterId) }
  async friendshipRawPayload (id) { const p = state.world.friendships.get(id); if (!p) throw new Error('no such friendship: ' + id); return p }
  async friendshipRawPayloadParser (p) { return p }
  async friendshipAccept (id) { record('friendshipAccept', { id }); const c = state.world.contacts.get(state.world.friendships.get(id)?.contactId); if (c) c.friend = true }
  async friendshipAdd (contactId, hello) { record('friendshipAdd', { contactId, hello }) }
  async friendshipSearchPhone (phone) { return [...state.world.contacts.values()].find(c => c.phone.includes(phone))?.id ?? null }
  async friendshipSearchHandle (handle) { return [...state.world.contacts.values()].find(c => c.handle === handle)?.id ?? null }
  async friendshipSearchWeixin (weixin) { return this.friendshipSearchHandle(weixin) }
}
