// The worker's settings as they are now, for all parts that use them: those who asked for it are told of changes.

import type { WorkerSettings } from "./schema.ts";

export interface SettingsSource {
  /** Throws before the first settings are there: components depend on the one that brings them. */
  current(): WorkerSettings;
  onChange(listener: (now: WorkerSettings, before: WorkerSettings) => void): void;
}

export interface SettingsHolder extends SettingsSource {
  /** Undefined before the first settings. */
  peek(): WorkerSettings | undefined;
  set(settings: WorkerSettings): void;
}

export function settingsHolder(first?: WorkerSettings): SettingsHolder {
  const listeners: ((now: WorkerSettings, before: WorkerSettings) => void)[] = [];
  let settings = first;
  return {
    peek: () => settings,
    current() {
      if (settings === undefined) throw new Error("the worker's settings are not known yet");
      return settings;
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    set(next) {
      const before = settings;
      settings = next;
      if (before === undefined || Bun.deepEquals(before, next)) return;
      for (const listener of listeners) listener(next, before);
    },
  };
}
