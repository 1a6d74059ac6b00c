/** The demo: an embedded server and the stream of it, started once when somebody asks for it. */
import type { Endpoint } from "../preload/contract.ts";
import { type DemoServer, startDemoServer } from "./io/demo/demo-server.ts";
import { blankEndpoint } from "./io/stores/settings-schema.ts";

const demoId = "demo";
const demoRateHz = 2;
/** A list that is filled from the first moment says more than an empty one. */
const demoWelcome = 12;

export class Demo {
  #server: Promise<DemoServer> | null = null;

  /** The stream of the demo; its server runs when this resolves. */
  async endpoint(): Promise<Endpoint> {
    this.#server ??= startDemoServer({ port: 0, rateHz: demoRateHz, faults: {}, welcome: demoWelcome });
    const { url } = await this.#server.catch((error: unknown) => {
      this.#server = null;
      throw error;
    });
    const notify = { on: false, types: [], contains: "" };
    return { ...blankEndpoint, id: demoId, name: "Demo", url, keep: "nothing", notify };
  }

  async close(): Promise<void> {
    await (await this.#server)?.close();
  }
}
