// A component that can only be made once those it depends on are ready, because they find out what it needs to know.

import type { Component, ComponentListener, Dependency } from "./component.ts";

export interface DeferredOptions {
  readonly name: string;
  readonly dependsOn: readonly Dependency[];
  /** Called when everything in `dependsOn` is ready. */
  readonly make: (signal: AbortSignal) => Promise<Component> | Component;
}

export function deferredComponent(options: DeferredOptions): Component {
  let made: Component | undefined;
  let listener: ComponentListener | undefined;
  return {
    name: options.name,
    dependsOn: options.dependsOn,
    start: async (signal) => {
      made = await options.make(signal);
      if (listener !== undefined) made.observe?.(listener);
      await made.init?.(signal);
      await made.start(signal);
    },
    ready: async (signal) => made?.ready?.(signal),
    health: async (signal) => made?.health?.(signal),
    restart: async () => made?.restart?.(),
    reconcile: async (config, signal) => made?.reconcile?.(config, signal),
    preview: async (config) => made?.preview?.(config),
    setLogLevel: (change) => made?.setLogLevel?.(change),
    stop: async () => made?.stop(),
    inspect: () => made?.inspect?.() ?? {},
    observe: (told) => {
      listener = told;
    },
  };
}
