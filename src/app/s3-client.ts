/**
 * The client of S3, which is made only for a lake in a bucket: it costs a fifth of a second.
 *
 * Credentials come from the chain that every AWS client follows (environment, shared files and
 * their profiles, container, instance), and so do endpoint and region where the configuration
 * names none. With an endpoint of its own, buckets are named in the path, as servers other than
 * Amazon's want it.
 */
import type { S3Client } from '@aws-sdk/client-s3'

export interface S3ClientOptions {
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  readonly patience: Patience
}

/** How long a request may take, and how often it is made. */
export interface Patience {
  readonly connectMs: number
  /** Until the answer begins, and between two pieces of its body. */
  readonly answerMs: number
  readonly attempts: number
}

/**
 * Of a process that goes on trying. Two parts of an upload must fit into the time for an answer: 6
 * Mbit/s do.
 */
export const patient: Patience = { connectMs: 5000, answerMs: 15_000, attempts: 3 }
/** Of a command that somebody waits for. */
export const brisk: Patience = { connectMs: 2000, answerMs: 5000, attempts: 2 }

export async function openS3Client(options: S3ClientOptions): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3')
  const { endpoint, region, patience } = options
  const { connectMs, answerMs, attempts } = patience
  return new S3Client({
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(region !== undefined && { region }),
    followRegionRedirects: true,
    maxAttempts: attempts,
    // Servers other than Amazon's refuse the checksums behind a streamed body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: answerMs,
    },
  })
}
