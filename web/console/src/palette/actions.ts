// Every action of the page by name: for the palette, the shortcuts, and the list of shortcuts.
import type { PortState, TurnAct } from "seriald";
import { isAllowed, toggleNotifications } from "../alerts/permission.ts";
import { hereIn } from "../history/here.ts";
import type { LookBack } from "../history/look-back.svelte.ts";
import type { Console } from "../model/console.svelte.ts";
import { preferences } from "../model/preferences.svelte.ts";
import { mayOpen } from "../model/rights.ts";
import type { View } from "../model/route.ts";
import type { Task } from "../panels/begin.ts";
import type { Boards } from "../panels/boards.svelte.ts";
import type { EmergencyStop } from "../panels/emergency-stop.ts";
import type { Tab } from "../people/access.svelte.ts";
import { plotStage } from "../plot/plot-stage.svelte.ts";
import type { Screen } from "../port/screen.svelte.ts";
import { PULSES } from "../settings/pulses.ts";
import type { Sides } from "../sides.svelte.ts";
import { sayFailure } from "../ui/toasts.svelte.ts";

/** Something that the page can do. */
export interface Action {
  group: string;
  text: string;
  keys?: string;
  /** Its keys count whatever lies over the page. */
  always?: boolean;
  run: () => void;
}

/** What the actions work on. */
export interface Context {
  console: Console;
  port: PortState | undefined;
  screen: Screen | null;
  /** Every port's name, in the order of the list. */
  names: string[];
  go: (name: string) => void;
  show: (view: View) => void;
  sides: Pick<Sides, "toggleList" | "toggleSettings">;
  lookBack: LookBack;
  boards: Boards;
  stop: EmergencyStop | null;
  /** Opens a part of people and tokens. */
  account: (tab: Tab) => void;
  /** Makes a share link to the port; null where nobody may. */
  share: (() => void) | null;
  help: () => void;
}

const BREAK_MS = 250;

/** The actions that make sense now. */
export function appActions(context: Context): Action[] {
  const { screen, port } = context;
  return [
    ...(screen && port ? portActions(context, screen, port) : []),
    ...neighbours(context),
    ...context.names
      .filter((name) => name !== port?.name)
      .map((name) => ({ group: "Go to", text: name, run: () => context.go(name) })),
    ...pageActions(context),
    ...access(context),
  ];
}

function portActions(context: Context, screen: Screen, port: PortState): Action[] {
  const view: Action[] = [
    {
      group: "View",
      text: "Show the terminal",
      keys: "Alt+1",
      run: () => context.show("terminal"),
    },
    { group: "View", text: "Show lines", keys: "Alt+2", run: () => context.show("lines") },
    { group: "View", text: "Show hex", keys: "Alt+3", run: () => context.show("hex") },
    { group: "View", text: "Find", keys: "Ctrl+Shift+F", run: () => screen.view?.find() },
    {
      group: "View",
      text: screen.status.paused ? "Go on" : "Pause",
      keys: "Ctrl+Shift+S",
      run: () => screen.togglePause(),
    },
    { group: "View", text: "Back to live", run: () => screen.view?.follow() },
    {
      group: "View",
      text: "Clear the view",
      keys: "Ctrl+Shift+L",
      run: () => screen.view?.clear(),
    },
    { group: "View", text: "Copy all", run: () => void screen.copyAll() },
    {
      group: "View",
      text: plotStage.open ? "Close the plot" : "Plot",
      keys: "Alt+0",
      run: plotStage.toggle,
    },
    {
      group: "View",
      text: "Show this place in the plot",
      run: () => plotStage.show(screen.name, screen.status.time),
    },
  ];
  return [
    ...view,
    ...panels(context, port.name),
    ...(context.share ? [{ group: "Access", text: "Share this port", run: context.share }] : []),
    ...past(context, screen, port),
    ...(port.may.includes("type") ? [...sending(screen), ...turns(screen, port)] : []),
    ...(context.console.excerpt ? [] : booking(screen)),
    ...device(screen, port),
  ];
}

// Behind the keys of the three views.
const BOARD_KEYS = [4, 5, 6, 7, 8, 9];

function panels({ console, boards, stop }: Context, port: string): Action[] {
  const group = "Panels";
  const shown: Action[] = boards.of(port).map(({ board, title }, n) => ({
    group,
    text: `Show ${title}`,
    ...(BOARD_KEYS[n] ? { keys: `Alt+${BOARD_KEYS[n]}` } : {}),
    run: () => boards.show(port, board),
  }));
  if (stop) {
    const text = `Emergency stop: ${stop.title}`;
    shown.unshift({ group, text, keys: "Ctrl+Shift+X", always: true, run: stop.press });
  }
  if (!console.administers) return shown;
  const begin = (task: Task) => () => void boards.begin(task, port);
  return [
    ...shown,
    { group, text: "New panel", run: begin("new") },
    { group, text: "New panel from what the device prints", run: begin("propose") },
    { group, text: "Import a panel", run: begin("import") },
    { group, text: "Ask the device for its panel", run: begin("ask") },
  ];
}

function past({ lookBack }: Context, screen: Screen, port: PortState): Action[] {
  const group = "Look back";
  return [
    { group, text: "Go to a time", keys: "Ctrl+Shift+G", run: lookBack.moment },
    { group, text: "Copy a link to this place", run: () => void screen.copyLink() },
    ...(port.may.includes("type")
      ? [{ group, text: "Set a mark now", keys: "M", run: () => lookBack.mark() }]
      : []),
    { group, text: "Marks", run: lookBack.marks },
    { group, text: "Replay from here", run: () => lookBack.play(screen.name, hereIn(screen)) },
    { group, text: "Show or hide the timeline", run: lookBack.toggleTimeline },
    { group, text: "Save as a file", run: () => lookBack.save() },
  ];
}

function sending(screen: Screen): Action[] {
  return [
    {
      group: "Send",
      text: "Go to the send bar",
      keys: "Ctrl+Shift+E",
      run: () => screen.focusSendBar(),
    },
    {
      group: "Send",
      text: "Send a file",
      run: () => {
        screen.question = { what: "file", file: null };
      },
    },
    {
      group: "Send",
      text: "Say something to all who watch",
      run: () => {
        screen.question = { what: "say" };
      },
    },
    { group: "Send", text: "Cancel what waits", run: () => void screen.cancel() },
    {
      group: "Send",
      text: preferences.echo ? "Local echo off" : "Local echo on",
      run: () => {
        preferences.echo = !preferences.echo;
      },
    },
  ];
}

function booking(screen: Screen): Action[] {
  return (["book", "bookings"] as const).map((what) => ({
    group: "Bookings",
    text: what === "book" ? "Book this port" : "Who has booked what",
    run: () => {
      screen.question = { what };
    },
  }));
}

function turns({ port: line }: Screen, { turn, may, booked }: PortState): Action[] {
  const group = "Turn";
  const action = (text: string, act: TurnAct) => {
    const run = () => void line.turn(act).catch(sayFailure);
    return { group, text, run };
  };
  const other = turn
    ? action("All who may type can", "off")
    : action("One at a time may type", "on");
  const control = may.includes("control") ? [other] : [];
  if (!turn || booked) return control;
  return [
    action(turn.holder ? "Ask for the turn" : "Take the turn", "ask"),
    action("Give the turn back", "leave"),
    ...control,
  ];
}

function device(screen: Screen, port: PortState): Action[] {
  const group = "Device";
  const taken = port.state !== "released" && port.state !== "closed";
  const open: Action = taken
    ? { group, text: "Release for another program", run: () => void screen.release() }
    : {
        group,
        text: port.state === "released" ? "Take back" : "Open",
        run: () => void screen.open(),
      };
  if (!port.may.includes("control")) return !taken && mayOpen(port) ? [open] : [];
  const flash: Action = {
    group,
    text: "Flash firmware",
    run: () => {
      screen.question = { what: "flash", file: null };
    },
  };
  if (port.state !== "open") return [open, flash];
  return [
    open,
    flash,
    { group, text: `Send a BREAK of ${BREAK_MS} ms`, run: () => void screen.sendBreak(BREAK_MS) },
    ...PULSES.map(({ sequence, text }) => ({
      group,
      text,
      run: () => void screen.pulse(sequence),
    })),
    ...(["dtr", "rts"] as const).flatMap((wire) => {
      if (!port.lines) return [];
      const on = port.lines[wire];
      const text = `${wire.toUpperCase()} ${on ? "off" : "on"}`;
      return [{ group, text, run: () => void screen.setLines({ [wire]: !on }) }];
    }),
  ];
}

function neighbours({ names, port, go }: Context): Action[] {
  const at = names.indexOf(port?.name ?? "");
  if (names.length < 2) return [];
  const step = (by: number) => () => go(names[(at + by + names.length) % names.length] ?? "");
  return [
    { group: "Go to", text: "Next port", keys: "Alt+↓", run: step(1) },
    { group: "Go to", text: "Previous port", keys: "Alt+↑", run: step(-1) },
  ];
}

function access({ console, account }: Context): Action[] {
  const { session } = console;
  if (!session) return [];
  const group = "Access";
  const open = (text: string, tab: Tab) => ({ group, text, run: () => account(tab) });
  if (console.isGuest) return [open("How you came in", "you")];
  if (!session.accounts) return [open("People and access", "you")];
  if (!session.signedIn) return [open("Sign in", "you")];
  return [
    open("People and access: your account and tokens", "you"),
    ...(session.administers
      ? [
          open("People and access: people and what they may do", "people"),
          open("People and access: all tokens and links", "tokens"),
        ]
      : []),
    {
      group,
      text: "Sign out",
      run: () => void import("../people/leave.ts").then(({ leave }) => leave()).catch(sayFailure),
    },
  ];
}

function pageActions(context: Context): Action[] {
  const group = "Page";
  return [
    {
      group: "Look back",
      text: "Search everything that was recorded",
      keys: "Ctrl+Shift+H",
      run: context.lookBack.search,
    },
    ...(context.console.isGuest
      ? []
      : [
          { group: "Look back", text: "Recordings", run: context.lookBack.recordings },
          { group, text: "Show or hide settings and lines", run: context.sides.toggleSettings },
        ]),
    { group, text: "Show or hide the ports", run: context.sides.toggleList },
    ...(["system", "light", "dark"] as const).map((theme) => ({
      group,
      text: `Theme: ${theme === "system" ? "as the system" : theme}`,
      run: () => {
        preferences.theme = theme;
      },
    })),
    {
      group,
      text: isAllowed() ? "Do not notify me of alerts" : "Notify me of alerts in this browser",
      run: () => void toggleNotifications(),
    },
    { group, text: "Connect again now", run: () => context.console.client.retry() },
    {
      group,
      text: "Routes for programs (REST)",
      run: () => void open("api.html", "_blank", "noopener"),
    },
    { group, text: "Keyboard shortcuts", run: context.help },
  ];
}
