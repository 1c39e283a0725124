/** Counts the gRPC calls and lets a test make them fail; also sends events no gateway should send. */
import { grpc, puppet as grpcPuppet } from 'wechaty-grpc'

export const counts = {}
let faults = []
let odd

export function addFault (fault) { if (fault.clear) faults = []; else faults.push(fault); return faults }
export function clearFaults () { faults = []; odd = undefined; for (const key of Object.keys(counts)) delete counts[key] }

/** The next event goes out with this text as its payload and, if given, this number as its type. */
export function oddEvent (next) { odd = next }

function wrap (name, handler) {
  return function (call, callback) {
    counts[name] = (counts[name] ?? 0) + 1
    const index = faults.findIndex(f => f.method === name || f.method === '*')
    const go = () => handler.call(this, call, callback)
    if (index < 0) return go()
    const fault = faults[index]
    if (fault.times !== undefined && --fault.times <= 0) faults.splice(index, 1)
    const act = () => {
      if (fault.drop) return // never answered
      if (fault.after) handler.call(this, call, () => fail(fault, call, callback)) // done, then reported as failed
      else if (fault.code) fail(fault, call, callback)
      else go()
    }
    if (fault.delayMs) setTimeout(act, fault.delayMs); else act()
  }
}

function fail (fault, call, callback) {
  const message = fault.message ?? 'injected fault'
  const error = Object.assign(new Error(message), { code: grpc.status[fault.code] ?? Number(fault.code), details: message })
  if (callback) callback(error); else call.emit('error', error)
}

const addService = grpc.Server.prototype.addService
grpc.Server.prototype.addService = function (service, implementation) {
  const wrapped = Object.fromEntries(Object.entries(implementation).map(([k, v]) => [k, typeof v === 'function' ? wrap(k, v) : v]))
  return addService.call(this, service, wrapped)
}

const { setPayload } = grpcPuppet.EventResponse.prototype
grpcPuppet.EventResponse.prototype.setPayload = function (text) {
  const next = odd; odd = undefined
  if (next?.type !== undefined) this.setType(next.type)
  return setPayload.call(this, next?.payload ?? text)
}
