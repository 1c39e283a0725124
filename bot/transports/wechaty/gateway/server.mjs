#!/usr/bin/env node
/**
 * Transport: the gateway that compose starts: one puppet, chosen by its npm name, behind a Wechaty PuppetServer.
 *
 *   WECHATY_PUPPET                   npm name of the puppet (default wechaty-puppet-wechat4u); its own variables
 *                                    (such as a token of its service) are read by the puppet itself
 *   WECHATY_PUPPET_SERVICE_TOKEN     what the bot shows us; or WECHATY_PUPPET_SERVICE_TOKEN_FILE, a file that holds it
 *   GATEWAY_LISTEN                   host:port (default 0.0.0.0:8788: an internal network; nothing is published)
 *   GATEWAY_TLS                      1: the certificate that wechaty-puppet-service ships; off by default, because
 *                                    both ends share one internal network
 *   GATEWAY_MEMORY                   where the login is remembered (default ./memory; ends in .memory-card.json)
 *
 * Prints one line of JSON when it listens, and one for each change of the login. The QR code for logging in is in the
 * line's `qrcode`; it lets whoever scans it speak as the account, so nothing else about it leaves this process.
 * SIGTERM stops the puppet and ends with 0.
 */
import fs from 'node:fs'

process.env.WECHATY_LOG ??= 'warn'

const { MemoryCard } = await import('memory-card')
const { PuppetServer } = await import('wechaty-puppet-service')

const say = (what, more = {}) => console.log(JSON.stringify({ at: new Date().toISOString(), what, ...more }))
const fail = (text, code = 2) => { say('error', { text }); process.exit(code) }

const name = process.env.WECHATY_PUPPET || 'wechaty-puppet-wechat4u'
const file = process.env.WECHATY_PUPPET_SERVICE_TOKEN_FILE
const read = path => {
  try { return fs.readFileSync(path, 'utf8') } catch (e) {
    return fail(`令牌文件读不了：${e.message}。容器里的用户不是 root，主机上 chmod 644 这个文件 (cannot read the token)`)
  }
}
const token = (file ? read(file) : process.env.WECHATY_PUPPET_SERVICE_TOKEN ?? '').trim()
if (!token) fail('没有令牌：设 WECHATY_PUPPET_SERVICE_TOKEN 或 WECHATY_PUPPET_SERVICE_TOKEN_FILE (no token)')

let Puppet
try {
  const found = await import(name)
  Puppet = found.default?.default ?? found.default ?? Object.values(found).find(one => typeof one === 'function' && /^Puppet/.test(one.name))
} catch (e) {
  fail(`装不上 ${name}：${e.message}。构建时用 --build-arg PUPPET=${name}@版本 (no such puppet)`)
}
if (typeof Puppet !== 'function') fail(`${name} 里没有 puppet (this package exports no puppet)`)

const puppet = new Puppet()
puppet.setMemory(new MemoryCard({ name: process.env.GATEWAY_MEMORY || 'memory' }))
puppet.on('scan', ({ qrcode, status }) => say('scan', { qrcode, status }))
puppet.on('login', ({ contactId }) => say('login', { contactId }))
puppet.on('logout', ({ contactId, data }) => say('logout', { contactId, data }))
puppet.on('error', payload => say('puppet-error', { text: String(payload?.data ?? payload?.message ?? payload).slice(0, 500) }))

const endpoint = process.env.GATEWAY_LISTEN || '0.0.0.0:8788'
const tls = process.env.GATEWAY_TLS === '1'
const server = new PuppetServer({ endpoint, puppet, token, tls: { disable: !tls } })

let stopping = false
async function stop () {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(0), 4000).unref()
  await server.stop().catch(() => {})
  await puppet.stop().catch(() => {})
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
// A puppet's own loose end must not take the login down with it: it is said, and the puppet goes on.
process.on('unhandledRejection', e => say('puppet-error', { text: String(e?.message ?? e).slice(0, 500) }))

await puppet.memory.load().catch(e => say('puppet-error', { text: `登录记录读不了：${e.message}` }))
await server.start()
say('ready', { endpoint, puppet: name, tls })
