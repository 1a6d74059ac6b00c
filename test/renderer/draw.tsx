/** Draws the whole window over a fake bridge, for tests: real components, real words, no main process. */
import { act } from "react";
import { createRoot } from "react-dom/client";
import { App } from "../../renderer/app.tsx";
import { makeStore, StoreContext } from "../../renderer/store.ts";
import { type FakeOptions, makeFakeBridge } from "./fake-bridge.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const ends: (() => void)[] = [];

/** Ends every window that was drawn; for `afterEach`. */
export async function eraseWindows(): Promise<void> {
  for (const end of ends.splice(0)) await act(async () => end());
  document.body.replaceChildren();
}

/** The window, and ways to use it. Queries look at the whole document, because dialogs and lists stand beside the root. */
export async function drawWindow(options: FakeOptions = {}) {
  const fake = makeFakeBridge({ rows: 300, ...options });
  Object.defineProperty(window, "bridge", { value: fake.bridge, configurable: true });
  const box = document.body.appendChild(document.createElement("div"));
  const root = createRoot(box);
  const store = makeStore();
  let stop = (): void => {};
  await act(async () => {
    stop = store.start();
    root.render(
      <StoreContext value={store}>
        <App />
      </StoreContext>,
    );
  });
  ends.push(() => {
    root.unmount();
    stop();
  });
  await settle();

  const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
  const one = (selector: string, text?: string | RegExp): HTMLElement => {
    const found = all(selector).find((each) => text === undefined || matches(each, text));
    if (found === undefined) throw new Error(`no ${selector} ${text ?? ""} in: ${document.body.textContent}`);
    return found;
  };
  return {
    fake,
    all,
    one,
    text: () => document.body.textContent ?? "",
    click: async (selector: string, text?: string | RegExp) => {
      await act(async () => one(selector, text).click());
      await settle();
    },
    press: async (key: string, init: KeyboardEventInit = {}) => {
      await act(async () => {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
      });
      await settle();
    },
    type: async (label: string | RegExp, value: string) => {
      const field = fieldOf(label);
      await act(async () => {
        const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
        setter?.call(field, value);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await settle();
    },
    field: fieldOf,
  };
}

function matches(element: HTMLElement, text: string | RegExp): boolean {
  const said = `${element.getAttribute("aria-label") ?? ""} ${element.textContent ?? ""}`;
  return typeof text === "string" ? said.includes(text) : text.test(said);
}

/** The control of a label. */
function fieldOf(label: string | RegExp): HTMLInputElement {
  const found = [...document.querySelectorAll("label")].find((each) => matches(each, label));
  const control = document.getElementById(found?.htmlFor ?? "");
  if (!(control instanceof HTMLElement)) throw new Error(`no field ${label}`);
  return control as HTMLInputElement;
}

/** Lets promises and effects run, without time passing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await act(async () => {});
}
