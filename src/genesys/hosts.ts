/**
 * Where an organisation of Genesys Cloud is reached: login, API and streaming are servers of one
 * domain, which is its region's.
 *
 * Source: `PureCloudRegionHosts.js` of the official JavaScript SDK 262.0.0. Regions keep being
 * added, so that another host may be named on purpose. A loopback address with a port stands for
 * the simulator, which speaks plain HTTP and is all three servers in one.
 */

/** The host by the AWS region that it stands in. */
export const regionHosts: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'eu-west-1': 'mypurecloud.ie',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'eu-central-1': 'mypurecloud.de',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'ap-northeast-2': 'apne2.pure.cloud',
  'eu-west-2': 'euw2.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'eu-central-2': 'euc2.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
}

const knownHosts: ReadonlySet<string> = new Set(Object.values(regionHosts))
const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\]):\d{1,5}$/

export interface Endpoints {
  readonly host: string
  /** Origins. */
  readonly login: string
  readonly api: string
  /**
   * Whether a URL that an answer contains leads to this organisation's servers, and in no clear
   * text. Nothing may be sent to any other, least of all a token.
   */
  owns(url: URL): boolean
}

export function endpointsOf(host: string): Endpoints {
  if (isLoopbackHost(host)) {
    const origin = new URL(`http://${host}`).origin
    const owns = ({ protocol, host: other }: URL) =>
      /^(http|ws):$/.test(protocol) && `http://${other}` === origin
    return { host, login: origin, api: origin, owns }
  }
  return {
    host,
    login: `https://login.${host}`,
    api: `https://api.${host}`,
    owns: ({ protocol, hostname, port, username, password }) =>
      /^(https|wss):$/.test(protocol) &&
      (hostname === host || hostname.endsWith(`.${host}`)) &&
      `${port}${username}${password}` === '',
  }
}

export function isKnownHost(host: string): boolean {
  return knownHosts.has(host)
}

/** Of a region, known or not. */
export function isDomain(host: string): boolean {
  return /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*$/.test(host)
}

export function isLoopbackHost(host: string): boolean {
  return loopback.test(host)
}

/** What was meant by a region's name, or by the name of one of its servers; null for neither. */
export function hostMeant(text: string): string | null {
  const bare = text
    .toLowerCase()
    .replace(/^\w+:\/\//, '')
    .replace(/\/.*$/, '')
  const named = regionHosts[bare] ?? bare.replace(/^(login|api|apps|streaming)\./, '')
  return isKnownHost(named) ? named : null
}
