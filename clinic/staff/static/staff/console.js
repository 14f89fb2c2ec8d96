/** The staff pages' script: everything here makes plain links and forms quicker, and no page needs it. */

import { startAlerts, wantsNews } from "./alerts.js";
import { startBadges } from "./badges.js";
import { startColours } from "./colours.js";
import { startConfirming } from "./confirm.js";
import { startKeys } from "./keys.js";
import { Live } from "./live.js";
import { startProblems } from "./problems.js";
import { startReplies } from "./replies.js";
import { startTyping } from "./typing.js";

startProblems();
startConfirming();
startBadges();
startAlerts();
startColours();
startKeys();
startReplies();
startTyping();
new Live(document.body.dataset.stream ?? "", wantsNews).start();
