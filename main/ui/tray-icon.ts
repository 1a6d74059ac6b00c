/** The tray's picture of a state, from our own drawings in build/icons/tray. Knows sizes and platforms, decides no state. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type NativeImage, nativeImage } from "electron/common";
import type { TrayKind } from "../core/tray-state.ts";

/** What each platform's panel asks for: [scale factor, pixels], the plain size first. Linux panels want 22, or 44 at double density. */
const representations: Readonly<Record<string, readonly (readonly [scaleFactor: number, pixels: number])[]>> = {
  linux: [
    [1, 22],
    [2, 44],
  ],
  win32: [
    [1, 16],
    [1.5, 24],
    [2, 32],
  ],
  darwin: [
    [1, 16],
    [2, 32],
  ],
};

/**
 * The icon of a state.
 * @param folder absolute path of build/icons/tray
 * @throws when a drawing is missing
 */
export function trayIcon(kind: TrayKind, folder: string, platform: NodeJS.Platform): NativeImage {
  const image = nativeImage.createEmpty();
  for (const [scaleFactor, pixels] of representations[platform] ?? representations["linux"] ?? []) {
    const buffer = readFileSync(join(folder, `${kind}-${pixels}.png`));
    image.addRepresentation({ scaleFactor, width: pixels, height: pixels, buffer });
  }
  // macOS draws the shape in the colour of its menu bar: there the shape alone carries the state.
  if (platform === "darwin") image.setTemplateImage(true);
  return image;
}
