// Which of several controllers holds the virtual addresses: the state machine of RFC 2338 §6.4, with preemption by
// priority only. Pure: the caller brings the time and does what it is told.

export interface ElectionSettings {
  readonly priority: number;
  readonly intervalMs: number;
  /** This controller's own address, dotted: decides between equal priorities. */
  readonly address: string;
}

export type ElectionState =
  /** Takes over at `deadline` unless a master is heard before. */
  | { readonly role: "backup"; readonly deadline: number }
  | {
      readonly role: "master";
      readonly nextAdvertisement: number;
    };

/** `announce`: tell the link again whose the addresses are, another one may have said that they were its own. */
export type ElectionAction = "take" | "release" | "advertise" | "announce";

export interface ElectionStep {
  readonly state: ElectionState;
  readonly actions: readonly ElectionAction[];
}

interface Heard {
  readonly priority: number;
  /** Who said it. */
  readonly address: string;
}

/** Everyone begins as a backup, so that a controller that comes back takes nothing from the others. */
export function beginElection(settings: ElectionSettings, now: number): ElectionState {
  return { role: "backup", deadline: now + masterDownMs(settings) };
}

/** When `onTime` has to be called at the latest. */
export function nextDue(state: ElectionState): number {
  return state.role === "backup" ? state.deadline : state.nextAdvertisement;
}

export function onTime(state: ElectionState, settings: ElectionSettings, now: number): ElectionStep {
  if (now < nextDue(state)) return { state, actions: [] };
  const master: ElectionState = { role: "master", nextAdvertisement: now + settings.intervalMs };
  return { state: master, actions: state.role === "backup" ? ["advertise", "take"] : ["advertise"] };
}

export function onAdvertisement(
  state: ElectionState,
  settings: ElectionSettings,
  heard: Heard,
  now: number,
): ElectionStep {
  const listening = (afterMs: number): ElectionState => ({ role: "backup", deadline: now + afterMs });
  const down = masterDownMs(settings);
  if (state.role === "backup") {
    // The master resigns: somebody else may take over at once.
    if (heard.priority === 0) return { state: listening(skewMs(settings)), actions: [] };
    if (heard.priority >= settings.priority) return { state: listening(down), actions: [] };
    return { state, actions: [] };
  }
  if (heard.priority !== 0 && outranks(heard, settings))
    return { state: listening(down), actions: ["release"] };
  // Another one that thinks it is the master must hear that there is one.
  return {
    state: { role: "master", nextAdvertisement: now + settings.intervalMs },
    actions: ["advertise", "announce"],
  };
}

/** How long nothing may be heard before the master counts as dead: three intervals and a bit. */
export function masterDownMs(settings: ElectionSettings): number {
  return 3 * settings.intervalMs + skewMs(settings);
}

/** Less for the more important ones, so that they come first. */
function skewMs({ priority }: ElectionSettings): number {
  return ((256 - priority) / 256) * 1000;
}

function outranks(heard: Heard, own: ElectionSettings): boolean {
  if (heard.priority !== own.priority) return heard.priority > own.priority;
  return numberOf(heard.address) > numberOf(own.address);
}

function numberOf(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}
