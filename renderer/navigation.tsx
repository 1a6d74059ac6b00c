/** Where the window is: a place, a stream, and the page of the settings. Kept above the views, so that going away loses nothing. */
import { createContext, use } from "react";

export type Place = "streams" | "quality" | "diagnose" | "settings";
export const places: readonly Place[] = ["streams", "quality", "diagnose", "settings"];

/** "general", "new", or the id of a stream. */
export type SettingsPage =
  | { readonly page: "general" }
  | { readonly page: "new" }
  | { readonly page: "stream"; readonly id: string };

export type Navigation = {
  readonly place: Place;
  readonly stream: string | null;
  readonly settingsPage: SettingsPage;
  /** The event that a banner wants on the screen; a new object each time it is wanted. */
  readonly wanted: { readonly stream: string; readonly seq: number } | null;
  go(place: Place): void;
  showStream(id: string): void;
  showSettings(page: SettingsPage): void;
  /** Goes to Diagnose with this stream chosen; it starts nothing. */
  showDiagnose(stream: string): void;
};

export const NavigationContext = createContext<Navigation | null>(null);

/** Where we are, and the ways from here. */
export function useNavigation(): Navigation {
  const navigation = use(NavigationContext);
  if (navigation === null) throw new Error("no NavigationContext above this component");
  return navigation;
}
