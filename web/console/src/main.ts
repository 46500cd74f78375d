// The console's first breath: the theme before anything is drawn, then the page.
import { mount } from "svelte";
import App from "./App.svelte";
import icon from "./icon.svg";
import { preferences } from "./model/preferences.svelte.ts";
import { applyTheme } from "./model/theme.ts";
import "./theme.css";
import "./base.css";

applyTheme(preferences.theme)();
document.head.append(Object.assign(document.createElement("link"), { rel: "icon", href: icon }));
const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
mount(App, { target });
