/** The puppet of the image test: the scripted WeChat world, played through an HTTP port inside the gateway's container. */
import { controlServer, routes } from './control.mjs'
import { ScriptedPuppet } from './scripted.mjs'
import { freshWorld } from './state.mjs'

const nothing = () => ({})
const relay = { pairs: new Set(), listen: nothing, thaw: nothing, freeze: nothing, drop: nothing, refuse: nothing }
const server = { running: () => true, start: nothing, stop: nothing }
const BEAT_MS = 15_000

freshWorld()

export default class PuppetOfTheStory extends ScriptedPuppet {
  constructor () {
    super(true)
    setInterval(() => { if (this.state.active()) this.emit('heartbeat', { data: 'heartbeat@scripted' }) }, BEAT_MS).unref()
    controlServer(routes({ puppet: this, relay, server })).listen(18789, '127.0.0.1')
  }
}
