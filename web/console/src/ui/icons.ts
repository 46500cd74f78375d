// The icons, from Lucide (ISC licence), as text of our own bundle.
import page from "lucide-static/icons/app-window.svg?raw";
import bottom from "lucide-static/icons/arrow-down-to-line.svg?raw";
import back from "lucide-static/icons/arrow-left.svg?raw";
import bell from "lucide-static/icons/bell.svg?raw";
import braces from "lucide-static/icons/braces.svg?raw";
import cable from "lucide-static/icons/cable.svg?raw";
import plot from "lucide-static/icons/chart-line.svg?raw";
import check from "lucide-static/icons/check.svg?raw";
import down from "lucide-static/icons/chevron-down.svg?raw";
import up from "lucide-static/icons/chevron-up.svg?raw";
import error from "lucide-static/icons/circle-alert.svg?raw";
import clock from "lucide-static/icons/clock.svg?raw";
import command from "lucide-static/icons/command.svg?raw";
import copy from "lucide-static/icons/copy.svg?raw";
import send from "lucide-static/icons/corner-down-left.svg?raw";
import save from "lucide-static/icons/download.svg?raw";
import more from "lucide-static/icons/ellipsis.svg?raw";
import clear from "lucide-static/icons/eraser.svg?raw";
import file from "lucide-static/icons/file-up.svg?raw";
import mark from "lucide-static/icons/flag.svg?raw";
import grip from "lucide-static/icons/grip.svg?raw";
import history from "lucide-static/icons/history.svg?raw";
import keyboard from "lucide-static/icons/keyboard.svg?raw";
import panel from "lucide-static/icons/layout-dashboard.svg?raw";
import link from "lucide-static/icons/link.svg?raw";
import larger from "lucide-static/icons/maximize-2.svg?raw";
import menu from "lucide-static/icons/menu.svg?raw";
import say from "lucide-static/icons/message-square.svg?raw";
import smaller from "lucide-static/icons/minimize-2.svg?raw";
import less from "lucide-static/icons/minus.svg?raw";
import moon from "lucide-static/icons/moon.svg?raw";
import stop from "lucide-static/icons/octagon-x.svg?raw";
import below from "lucide-static/icons/panel-bottom.svg?raw";
import list from "lucide-static/icons/panel-left.svg?raw";
import beside from "lucide-static/icons/panel-right.svg?raw";
import pause from "lucide-static/icons/pause.svg?raw";
import pencil from "lucide-static/icons/pencil.svg?raw";
import play from "lucide-static/icons/play.svg?raw";
import open from "lucide-static/icons/plug.svg?raw";
import plus from "lucide-static/icons/plus.svg?raw";
import redo from "lucide-static/icons/redo-2.svg?raw";
import ruler from "lucide-static/icons/ruler.svg?raw";
import find from "lucide-static/icons/search.svg?raw";
import settings from "lucide-static/icons/sliders-horizontal.svg?raw";
import sun from "lucide-static/icons/sun.svg?raw";
import system from "lucide-static/icons/sun-moon.svg?raw";
import table from "lucide-static/icons/table-2.svg?raw";
import remove from "lucide-static/icons/trash-2.svg?raw";
import warn from "lucide-static/icons/triangle-alert.svg?raw";
import undo from "lucide-static/icons/undo-2.svg?raw";
import release from "lucide-static/icons/unplug.svg?raw";
import usb from "lucide-static/icons/usb.svg?raw";
import viewers from "lucide-static/icons/users-round.svg?raw";
import offline from "lucide-static/icons/wifi-off.svg?raw";
import close from "lucide-static/icons/x.svg?raw";
import zap from "lucide-static/icons/zap.svg?raw";

/** Every icon by what it means here. */
export const ICONS = {
  back,
  bell,
  below,
  beside,
  bottom,
  braces,
  cable,
  check,
  clear,
  clock,
  close,
  command,
  copy,
  down,
  error,
  file,
  find,
  grip,
  history,
  keyboard,
  larger,
  less,
  link,
  list,
  mark,
  menu,
  moon,
  more,
  offline,
  open,
  page,
  panel,
  pause,
  pencil,
  play,
  plot,
  plus,
  redo,
  release,
  remove,
  ruler,
  save,
  say,
  send,
  settings,
  smaller,
  stop,
  sun,
  system,
  table,
  undo,
  up,
  usb,
  viewers,
  warn,
  zap,
};

export type IconName = keyof typeof ICONS;
