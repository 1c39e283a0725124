/** The scripted world, its settings and what the bot did to it; shared by all files of the gateway. */
import fs from 'node:fs'

import { types } from 'wechaty-puppet'

const LAST_ACTIONS = 200_000

export function defaultWorld () {
  const contacts = [
    { id: 'wxid_bot', name: '群助手', friend: true },
    { id: 'wxid_owner', name: '群主老王', friend: true },
  ]
  const members = []
  for (let i = 1; i <= 20; i++) {
    const id = 'wxid_m' + String(i).padStart(2, '0')
    contacts.push({ id, name: '成员' + i, friend: i <= 5 })
    members.push(id)
  }
  return {
    self: 'wxid_bot',
    contacts,
    rooms: [
      { // the bot owns this room: it may remove, announce, rename
        id: '10000000001@chatroom', topic: '创业交流1群', ownerId: 'wxid_bot', adminIdList: [],
        memberIdList: ['wxid_bot', 'wxid_owner', ...members],
        members: { wxid_m01: { roomAlias: '小明-北京-产品', inviterId: 'wxid_owner' }, wxid_m02: { roomAlias: '', inviterId: 'wxid_m01' } },
      },
      { // the bot is a plain member here: management calls are refused
        id: '10000000002@chatroom', topic: '别人的群', ownerId: 'wxid_owner', adminIdList: ['wxid_m01'],
        memberIdList: ['wxid_bot', 'wxid_owner', 'wxid_m01', 'wxid_m02', 'wxid_m03'], members: {},
      },
    ],
  }
}

export class World {
  constructor (spec) {
    this.self = spec.self
    this.contacts = new Map(); this.rooms = new Map(); this.messages = new Map(); this.attachments = new Map()
    this.friendships = new Map(); this.invitations = new Map()
    for (const c of spec.contacts) this.addContact(c)
    for (const r of spec.rooms) this.addRoom(r)
  }

  addContact (c) {
    const payload = {
      id: c.id, name: c.name ?? c.id, type: c.type ?? types.Contact.Individual, gender: c.gender ?? 0,
      avatar: c.avatar ?? '', friend: c.friend ?? false, alias: c.alias ?? '', phone: c.phone ?? [],
      city: c.city ?? '', province: c.province ?? '', signature: c.signature ?? '', handle: c.handle ?? '',
      star: false, address: '', coworker: false, corporation: '', title: '', description: '',
    }
    this.contacts.set(c.id, payload)
    return payload
  }

  addRoom (r) {
    const room = {
      id: r.id, topic: r.topic ?? '', avatar: r.avatar ?? '', ownerId: r.ownerId, adminIdList: r.adminIdList ?? [],
      memberIdList: [...(r.memberIdList ?? [])], members: { ...(r.members ?? {}) }, announcement: r.announcement ?? '',
    }
    this.rooms.set(r.id, room)
    return room
  }

  room (id) { return found(this.rooms, id, 'room') }
  contact (id) { return found(this.contacts, id, 'contact') }
  message (id) { return found(this.messages, id, 'message') }
  canManage (roomId) { const r = this.room(roomId); return r.ownerId === this.self || r.adminIdList.includes(this.self) }

  toJSON () {
    return {
      self: this.self, contacts: [...this.contacts.values()], rooms: [...this.rooms.values()],
      messages: this.messages.size, friendships: [...this.friendships.values()], invitations: [...this.invitations.values()],
    }
  }
}

function found (map, id, what) {
  const value = map.get(id)
  if (!value) throw new Error(`no such ${what}: ${id}`)
  return value
}

const DEFAULTS = {
  heartbeatMs: 15000,
  echoSelf: true,
  dingDelayMs: 0,
  inviteThreshold: 40,
  enforcePermissions: true,
  emitManagementEvents: true,
  silentNoop: [], // e.g. ['roomDel']: answer OK and do nothing, as puppet-xp and wechat4u do
  noMessageId: false, // sends return no id, as wechat4u does
  secondsNotMs: false, // message timestamps in seconds, as padlocal sends them
  rateLimit: null, // {max, perMs}: more sends than that are refused with 操作过于频繁
}

export const state = { world: null, settings: { ...DEFAULTS }, actions: [], seq: 0, worldFile: '', echo: true }
let waiters = []

export function freshWorld () {
  const spec = state.worldFile ? JSON.parse(fs.readFileSync(state.worldFile, 'utf8')) : defaultWorld()
  state.world = new World(spec)
  Object.assign(state.settings, DEFAULTS, { echoSelf: state.echo })
  state.actions.length = 0
}

export function record (method, args, extra = {}) {
  const action = { seq: ++state.seq, time: Date.now(), method, args, ...extra }
  state.actions.push(action)
  if (state.actions.length > LAST_ACTIONS) state.actions.shift()
  const waiting = waiters; waiters = []; waiting.forEach(tell => tell())
  return action
}

/** Resolves at the next action. */
export const nextAction = () => new Promise(resolve => waiters.push(resolve))

let ids = 0
export const newId = prefix => `${prefix}-${process.pid}-${++ids}`
