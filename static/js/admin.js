// Before htmx starts: its style element is forbidden here, and nothing uses it or asks it to compile code.
"use strict";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
