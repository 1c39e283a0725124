/** The HTTP control port: a test plays the members of the groups and reads back what the bot did. */
import http from 'node:http'

import { types } from 'wechaty-puppet'

import { addFault, clearFaults, counts, oddEvent } from './faults.mjs'
import { freshWorld, newId, nextAction, state } from './state.mjs'

const ATTACHABLE = ['contactId', 'url', 'miniProgram', 'location', 'file']
const LONGEST_WAIT_MS = 60_000
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** puppet: the scripted account; relay: the network before the server; server: {start, stop, running}. */
export function routes ({ puppet, relay, server }) {
  return {
    'GET /health': () => ({ ok: true, loggedIn: puppet.isLoggedIn, clients: relay.pairs.size, grpc: server.running(), starts: puppet.starts, stops: puppet.stops, pid: process.pid, rss: process.memoryUsage().rss }),
    'GET /state': () => state.world.toJSON(),
    'GET /rpc': () => counts,
    'POST /rpc/reset': () => { for (const key of Object.keys(counts)) delete counts[key]; return {} },
    'GET /actions': async (_body, query) => {
      const since = Number(query.get('since') ?? 0); const method = query.get('method')
      const pick = () => state.actions.filter(a => a.seq > since && (!method || a.method === method))
      const deadline = Date.now() + Math.min(Number(query.get('waitMs') ?? 0), LONGEST_WAIT_MS)
      let found = pick()
      while (!found.length && Date.now() < deadline) {
        await Promise.race([nextAction(), sleep(deadline - Date.now())])
        found = pick()
      }
      return { last: state.seq, actions: found }
    },

    // as it was at the start: world, settings, faults, network, server, login; `starts` and `stops` begin at zero
    'POST /reset': async () => {
      freshWorld(); clearFaults(); puppet.cache.clear(); puppet.sends = []
      relay.thaw(); await relay.listen(); await server.start()
      if (puppet.state.active()) puppet.loginAgain()
      puppet.starts = 0; puppet.stops = 0
      return { last: state.seq }
    },
    'POST /settings': b => Object.assign(state.settings, b),
    'POST /contacts': b => { const c = state.world.addContact({ ...(state.world.contacts.get(b.id) ?? {}), ...b }); if (b.dirty !== false) puppet.dirty(types.Payload.Contact, b.id); return c },
    'POST /rooms': b => { const r = state.world.addRoom({ ...(state.world.rooms.get(b.id) ?? {}), ...b }); if (b.dirty !== false) puppet.dirtyRoom(b.id); return r },
    'POST /bulk-members': b => { // {roomId, count, prefix}: fill a room (WeChat's cap is 500) without join events
      const r = state.world.room(b.roomId); const added = []
      for (let i = 1; i <= b.count; i++) {
        const id = `${b.prefix ?? 'wxid_x'}${String(i).padStart(4, '0')}`
        if (!state.world.contacts.has(id)) state.world.addContact({ id, name: '群友' + i })
        if (!r.memberIdList.includes(id)) r.memberIdList.push(id)
        added.push(id)
      }
      puppet.dirtyRoom(b.roomId); return { count: r.memberIdList.length, ids: added }
    },
    'POST /members': b => { const r = state.world.room(b.roomId); r.members[b.id] = { ...(r.members[b.id] ?? {}), ...b }; if (b.dirty !== false) puppet.dirtyRoom(b.roomId); return r.members[b.id] },

    'POST /event/message': b => {
      if (b.roomId && !b.force && !state.world.room(b.roomId).memberIdList.includes(b.talkerId)) throw new Error(`${b.talkerId} is not in ${b.roomId}`)
      const attachment = Object.fromEntries(ATTACHABLE.filter(k => b[k] !== undefined).map(k => [k, b[k]]))
      if (!b.roomId && !b.listenerId) b.listenerId = state.world.self
      return { messageId: puppet.inject({ ...b, attachment: Object.keys(attachment).length ? attachment : undefined }, b.emit !== false) }
    },
    'POST /event/recall': b => { const m = state.world.message(b.messageId); return { messageId: puppet.inject({ type: 'recalled', text: b.messageId, talkerId: m.talkerId, roomId: m.roomId, listenerId: m.listenerId }) } },
    'POST /event/room-join': b => { puppet.join(b.roomId, b.inviteeIds, b.inviterId, b.emit !== false, b.timestamp); return {} },
    'POST /event/room-leave': b => { puppet.leave(b.roomId, b.removeeIds, b.removerId, b.emit !== false, b.timestamp); return {} },
    'POST /event/room-topic': b => { puppet.retopic(b.roomId, b.topic, b.changerId, b.emit !== false, b.timestamp); return {} },
    'POST /event/room-invite': b => {
      const id = b.id ?? newId('invite'); const r = state.world.rooms.get(b.roomId)
      state.world.invitations.set(id, { id, roomId: b.roomId, inviterId: b.inviterId, topic: r?.topic ?? b.topic ?? '', avatar: '', invitation: 'please join', memberCount: r?.memberIdList.length ?? 0, memberIdList: r?.memberIdList ?? [], receiverId: state.world.self, timestamp: b.timestamp ?? Date.now() })
      puppet.emit('room-invite', { roomInvitationId: id }); return { id }
    },
    'POST /event/friendship': b => {
      const id = b.id ?? newId('friend'); const type = { confirm: 1, receive: 2, verify: 3 }[b.type ?? 'receive']
      if (!state.world.contacts.has(b.contactId)) state.world.addContact({ id: b.contactId, name: b.name ?? b.contactId })
      state.world.friendships.set(id, { id, contactId: b.contactId, hello: b.hello ?? '', type, scene: b.scene ?? 14, stranger: '', ticket: 'ticket-' + id, timestamp: Date.now() })
      puppet.emit('friendship', { friendshipId: id }); return { id }
    },
    'POST /event/scan': b => { puppet.emit('scan', { qrcode: b.qrcode ?? 'https://example.invalid/qr', status: b.status ?? types.ScanStatus.Waiting }); return {} },
    'POST /event/login': b => { puppet.login(b.contactId ?? state.world.self); return {} },
    'POST /event/logout': async b => { await puppet.logout(b.reason ?? 'kicked by phone'); return {} },
    'POST /event/heartbeat': b => { puppet.emit('heartbeat', { data: b.data ?? 'heartbeat' }); return {} },
    'POST /event/error': b => { puppet.emit('error', new Error(b.message ?? 'injected error')); return {} },
    'POST /event/ready': () => { puppet.emit('ready', { data: 'ready' }); return {} },
    'POST /event/raw': b => { puppet.emit(b.event, b.payload); return {} },
    'POST /event/odd': b => { oddEvent(b); puppet.emit('dong', { data: '' }); return {} }, // {payload: any text, type: any number}
    'POST /event/deafen': () => { for (const name of ['dong', 'heartbeat', 'message']) puppet.removeAllListeners(name); return {} }, // the stream stays open, nothing comes
    'POST /burst': async b => { // many text messages: {roomId, count, perSecond, talkers: [...], prefix}
      const talkers = b.talkers ?? state.world.room(b.roomId).memberIdList.filter(i => i !== state.world.self)
      const began = Date.now(); const gap = b.perSecond ? 1000 / b.perSecond : 0
      for (let i = 0; i < b.count; i++) {
        puppet.inject({ type: 'text', roomId: b.roomId, talkerId: talkers[i % talkers.length], text: `${b.prefix ?? 'burst'} ${i} ${Date.now()}` })
        if (gap) { const due = began + (i + 1) * gap; if (due - Date.now() > 2) await sleep(due - Date.now()) } else if (i % 200 === 199) await sleep(0)
      }
      return { count: b.count, ms: Date.now() - began }
    },

    'POST /faults': addFault, // {method: 'messageSendText', code: 'UNAVAILABLE', message, times, delayMs, drop, after} or {clear: true}
    'POST /server/stop': async () => { await server.stop(); return {} }, // the relay still accepts, then closes
    'POST /server/start': async () => { await server.start(); return {} },
    'POST /server/restart': async b => { await server.stop(); await sleep(b.downMs ?? 500); await server.start(); return {} },
    'POST /net/drop': () => relay.drop(),
    'POST /net/freeze': b => { relay.freeze(b.existing === true); return {} },
    'POST /net/thaw': () => { relay.thaw(); return {} },
    'POST /net/refuse': async () => { await relay.refuse(); return {} },
    'POST /net/accept': async () => { await relay.listen(); return {} },
    'GET /net': () => ({ connections: [...relay.pairs].map(p => ({ up: p.up, down: p.down })) }),
    'POST /exit': b => { setTimeout(() => process.exit(b.code ?? 0), 20); return {} },
  }
}

export function controlServer (table) {
  return http.createServer((request, response) => {
    const chunks = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', async () => {
      const url = new URL(request.url, 'http://control')
      const handler = table[`${request.method} ${url.pathname}`]
      let status = 200; let out
      try {
        if (!handler) { status = 404; out = { error: 'no such route', routes: Object.keys(table) } }
        else out = await handler(chunks.length ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : {}, url.searchParams)
      } catch (e) { status = 400; out = { error: String(e.message) } }
      const text = JSON.stringify(out ?? {})
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) })
      response.end(text)
    })
  })
}
