/** Our gateway's program, asked for once per process. */
import { gatewayBinary as build } from "../../build/gateway.ts";

export type Binary = Awaited<ReturnType<typeof build>>;

let asked: Promise<Binary> | null = null;

/** Where the gateway's program is, or why there is none. */
export function gatewayBinary(): Promise<Binary> {
  asked ??= build();
  return asked;
}
