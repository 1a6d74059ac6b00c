/**
 * The bridge itself: exposes `window.bridge`, built from the contract's own names, and nothing else.
 * A listener gets the value, never Electron's event object; a caller can name no channel that is not in the contract.
 */
import { contextBridge, ipcRenderer } from "electron/renderer";
import { contract, doors } from "./contract.ts";

type Listener = (value: unknown) => void;

const open: Promise<void> = ipcRenderer.invoke(doors);

const bridge = Object.fromEntries(
  Object.entries(contract).map(([group, channels]) => [
    group,
    Object.fromEntries(
      Object.entries(channels).map(([name, { kind }]) => {
        const channel = `${group}.${name}`;
        if (kind === "call")
          return [name, (argument: unknown) => open.then(() => ipcRenderer.invoke(channel, argument))];
        const subscribe = (listener: Listener) => {
          const forward = (_event: unknown, value: unknown) => listener(value);
          ipcRenderer.on(channel, forward);
          return () => {
            ipcRenderer.removeListener(channel, forward);
          };
        };
        return [name, subscribe];
      }),
    ),
  ]),
);

contextBridge.exposeInMainWorld("bridge", bridge);
