/**
 * `strom/testing`: what a store of your own has to keep to.
 *
 * @module
 */

export type { MadeStore, StoreMaker, StoreSetting } from '../testing/store/stage.ts';
export { type StoreCase, storeContract } from '../testing/store-contract.ts';
