/** `npm run build`: makes dist/ anew. */
import { bundle } from "./bundle.ts";

/** The command. */
export async function run(): Promise<number> {
  await bundle();
  return 0;
}
