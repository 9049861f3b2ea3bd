/**
 * What certificates and revocation lists say, byte for byte: Node gives names as texts in which one
 * name can be written to look like another.
 *
 * Source: RFC 5280, sections 4.1, 4.2.1.6 and 5.1. Whatever is no such structure is a RangeError.
 */
import { X509Certificate } from 'node:crypto'
import { SocketAddress } from 'node:net'
import {
  type DerValue,
  derObjectId,
  derText,
  derTime,
  derValueAt,
  derValues,
} from './der-reader.ts'

export type AltNameKind = 'DNS' | 'URI' | 'email' | 'IP'

export interface AltName {
  readonly kind: AltNameKind
  readonly value: string
}

export interface CertificateNames {
  /** Every common name of the subject, in its order; null for one that is no text. */
  readonly commonNames: readonly (string | null)[]
  readonly altNames: readonly AltName[]
}

const oids = { commonName: '2.5.4.3', subjectAltName: '2.5.29.17' } as const

export function certificateNames(der: Buffer): CertificateNames {
  const { subject, extensions } = certificateFields(der)
  const altNames = extensions.find(({ oid }) => oid === oids.subjectAltName)
  return {
    commonNames: commonNames(subject),
    altNames: altNames === undefined ? [] : altNamesOf(altNames.value),
  }
}

export interface CertificateFields {
  /** Hexadecimal, as it stands. */
  readonly serial: string
  /** DER, to be compared. */
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly extensions: readonly Extension[]
}

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Buffer
}

export function certificateFields(der: Buffer): CertificateFields {
  const [content] = parts(derValueAt(der, 0))
  const fields = parts(content)
  // The version is left out by certificates of the first one.
  const [serial, , issuer, , subject, , ...rest] =
    fields[0]?.tag === 0xa0 ? fields.slice(1) : fields
  if (serial === undefined || issuer === undefined || subject === undefined)
    throw new RangeError('no certificate')
  const extensions = rest.find(({ tag }) => tag === 0xa3)
  return {
    serial: serial.content.toString('hex'),
    issuer: issuer.whole,
    subject: subject.whole,
    extensions: extensions === undefined ? [] : extensionsOf(extensions),
  }
}

function extensionsOf(value: DerValue): Extension[] {
  return parts(parts(value)[0]).map((extension) => {
    const [oid, ...rest] = parts(extension)
    const content = rest.at(-1)
    if (oid === undefined || content === undefined) throw new RangeError('no extension')
    return { oid: derObjectId(oid), critical: rest.length > 1, value: content.content }
  })
}

function commonNames(name: Buffer): (string | null)[] {
  return parts(derValueAt(name, 0))
    .flatMap(parts)
    .flatMap((attribute) => {
      const [oid, value] = parts(attribute)
      if (oid === undefined || value === undefined) throw new RangeError('no name')
      return derObjectId(oid) === oids.commonName ? [derText(value)] : []
    })
}

function altNamesOf(value: Buffer): AltName[] {
  return parts(derValueAt(value, 0)).flatMap(({ tag, content }): AltName[] => {
    const text = content.toString('latin1')
    if (tag === 0x81) return [{ kind: 'email', value: text }]
    if (tag === 0x82) return [{ kind: 'DNS', value: text }]
    if (tag === 0x86) return [{ kind: 'URI', value: text }]
    const address = tag === 0x87 ? addressOf(content) : null
    return address === null ? [] : [{ kind: 'IP', value: address }]
  })
}

/** Of an address that `isIP` knows: four bytes, or sixteen. */
export function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const canonical = canonicalAddress(address).replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, quads)
  const [left = [], right] = canonical.split('::').map((half) => half.split(':').filter(Boolean))
  const missing = right === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(missing).fill('0'), ...(right ?? [])]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function quads(_: string, ...digits: string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = digits.slice(0, 4).map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function addressOf(bytes: Buffer): string | null {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return null
  const groups = bytes.toString('hex').match(/.{4}/g) ?? []
  return canonicalAddress(groups.join(':'))
}

/** Of an address that `isIP` knows: the one way to write it. */
export function canonicalAddress(address: string): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  return new SocketAddress({ address, family }).address
}

/** The certificates of a PEM text, in its order; throws where one cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
  return pemBlocks(pem, 'CERTIFICATE').map((block) => new X509Certificate(block))
}

export function pemBlocks(text: string, label: string): string[] {
  const block = new RegExp(`-----BEGIN ${label}-----[\\s\\S]+?-----END ${label}-----`, 'g')
  return text.match(block) ?? []
}

/** The values in a constructed one. */
export function parts(value: DerValue | undefined): DerValue[] {
  if (value === undefined || (value.tag & 0x20) === 0) throw new RangeError('no DER structure')
  return derValues(value.content)
}

/** A time of the first tag that is one. */
export function timeOf(value: DerValue | undefined): number | null {
  return value !== undefined && (value.tag === 0x17 || value.tag === 0x18) ? derTime(value) : null
}
