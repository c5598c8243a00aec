// Starts the viewer without its telemetry; the page's content security policy forbids it as well.
import { init } from "./redoc.standalone.js";

init("/openapi.json", { disableTelemetry: true }, document.getElementById("viewer"));
