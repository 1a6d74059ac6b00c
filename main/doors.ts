/**
 * The one channel that is served before the contract is: on it the bridge of each page waits until every call has somebody who answers it
 * (ipc.ts). It takes nothing and tells nothing but that.
 */
import type { Doors } from "../preload/contract.ts";
import type { Door } from "./ipc.ts";

// Written out, because the contract itself is read later, with the rest.
const doors: Doors = "doors";

/** @param open resolves when the contract is served */
export function holdDoors(door: Door, open: Promise<void>): void {
  door.handle(doors, () => open);
}
