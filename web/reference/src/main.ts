// The page about the REST interface: the theme first, then the page. It looks like the console and shares none of its files.
import { mount } from "svelte";
import icon from "../../console/src/icon.svg";
import { preferences } from "../../console/src/model/preferences.svelte.ts";
import { applyTheme } from "../../console/src/model/theme.ts";
import Reference from "./Reference.svelte";
import "../../console/src/theme.css";
import "../../console/src/base.css";

applyTheme(preferences.theme)();
document.head.append(Object.assign(document.createElement("link"), { rel: "icon", href: icon }));
const target = document.getElementById("app");
if (!target) throw new Error("api.html has no #app");
mount(Reference, { target });
