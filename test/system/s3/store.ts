/** The store of S3 against a real server: the contract of every store, and what S3 adds to it. */
import { objectStoreContract } from '../../contract/object-store.ts'
import { openTestStore } from './bucket.ts'

objectStoreContract('the S3 store', () => openTestStore())
objectStoreContract('the S3 store below a prefix', () => openTestStore({ prefix: 'a/lake/' }))
