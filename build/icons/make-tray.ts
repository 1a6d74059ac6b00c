/**
 * Draws the tray icons anew: every build/icons/tray/*.svg at the sizes that panels ask for. Run by hand after a drawing
 * changed (`node build/icons/make-tray.ts`); needs rsvg-convert (Debian: librsvg2-bin). The pictures are committed, so
 * neither the build nor the app needs it.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "tray");
/** Linux panels: 22, 24, 44; Windows: 16, 24, 32; macOS: 16, 32. */
const sizes = [16, 22, 24, 32, 44];

for (const name of readdirSync(folder)) {
  if (!name.endsWith(".svg")) continue;
  for (const size of sizes) {
    const picture = join(folder, `${name.slice(0, -4)}-${size}.png`);
    execFileSync("rsvg-convert", [
      "--width",
      `${size}`,
      "--height",
      `${size}`,
      "--output",
      picture,
      join(folder, name),
    ]);
  }
}
