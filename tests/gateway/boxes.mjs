/** Files as gateways describe them. */
import crypto from 'node:crypto'

import { FileBox } from 'file-box'

export const PNG_1x1 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export async function describe (box) {
  const out = { name: box.name, boxType: box.type, metadata: box.metadata }
  try {
    if (box.type === 2) return { ...out, url: box.toJSON().url } // never fetched here
    const content = await box.toBuffer()
    Object.assign(out, { size: content.length, md5: crypto.createHash('md5').update(content).digest('hex') })
    if (content.length <= 4096) out.base64 = content.toString('base64')
  } catch (e) { out.error = String(e.message) }
  return out
}

/** {name, mode: buffer/base64/url/qrcode, base64} or `size` bytes that depend on the name alone. */
export function makeBox (file) {
  const name = file.name ?? 'file.dat'
  const content = file.size ? crypto.createHash('shake256', { outputLength: file.size }).update(name).digest() : Buffer.from(file.base64 ?? PNG_1x1, 'base64')
  switch (file.mode ?? 'buffer') {
    case 'buffer': return FileBox.fromBuffer(content, name)
    case 'base64': return FileBox.fromBase64(content.toString('base64'), name)
    case 'url': return FileBox.fromUrl(file.url, { name })
    case 'qrcode': return FileBox.fromQRCode(file.qrcode)
    default: throw new Error('unknown file mode: ' + file.mode)
  }
}
