/** Asks build/gateway.ts for our gateway, once per process; a checkout without it says so. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export type Binary = { readonly path: string } | { readonly missing: string };

const builder = join(import.meta.dirname, "../../build/gateway.ts");
let asked: Promise<Binary> | null = null;

/** Where the gateway's program is, or why there is none. */
export function gatewayBinary(): Promise<Binary> {
  asked ??= ask();
  return asked;
}

async function ask(): Promise<Binary> {
  if (!existsSync(builder)) return { missing: "this checkout has no gateway" };
  const { gatewayBinary: find }: { gatewayBinary: () => Promise<Binary> } = await import(builder);
  return find();
}
