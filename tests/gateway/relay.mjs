/** A TCP relay before the gRPC server: makes network faults scriptable without touching the gRPC code. */
import net from 'node:net'

export const LOOPBACK = '127.0.0.1'

export const freePort = () => new Promise((resolve, reject) => {
  const probe = net.createServer()
  probe.once('error', reject)
  probe.listen(0, LOOPBACK, () => { const { port } = probe.address(); probe.close(() => resolve(port)) })
})

export class Relay {
  constructor (port, innerPort) {
    this.port = port; this.innerPort = innerPort
    this.pairs = new Set(); this.frozen = false; this.server = undefined
  }

  listen () {
    if (this.server) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const server = net.createServer(outer => this.connect(outer))
      server.once('error', reject)
      server.listen(this.port, LOOPBACK, () => { this.port = server.address().port; this.server = server; resolve() })
    })
  }

  connect (outer) {
    const inner = net.connect(this.innerPort, LOOPBACK)
    const pair = { outer, inner, up: 0, down: 0 }
    this.pairs.add(pair)
    const end = () => { this.pairs.delete(pair); outer.destroy(); inner.destroy() }
    for (const socket of [outer, inner]) { socket.setNoDelay(true); socket.on('error', end); socket.on('close', end) }
    outer.on('data', data => { pair.up += data.length; inner.write(data) })
    inner.on('data', data => { pair.down += data.length; outer.write(data) })
    if (this.frozen) pause(pair)
  }

  /** Cut every connection. */
  drop () { const count = this.pairs.size; for (const p of this.pairs) { p.outer.destroy(); p.inner.destroy() } return { dropped: count } }

  /** Half-open: nothing goes through any more, and nobody is told; `existing` lets new connections through. */
  freeze (existing) { this.frozen = !existing; for (const p of this.pairs) pause(p) }

  thaw () { this.frozen = false; for (const p of this.pairs) { p.outer.resume(); p.inner.resume() } }

  /** Connection refused, until `listen` again. */
  refuse () {
    const server = this.server; this.server = undefined
    return new Promise(resolve => { server ? server.close(() => resolve()) : resolve(); this.drop() })
  }
}

function pause (pair) { pair.outer.pause(); pair.inner.pause() }
