/** Puts a fake bridge into a real page, for pictures: bundled to one script that runs before the window's own. */
import { type FakeBridge, type FakeOptions, makeFakeBridge } from "./fake-bridge.ts";

declare global {
  var fakeOptions: FakeOptions | undefined;
  var fake: FakeBridge;
}

globalThis.fake = makeFakeBridge(globalThis.fakeOptions ?? {});
Object.defineProperty(globalThis, "bridge", { value: globalThis.fake.bridge });
