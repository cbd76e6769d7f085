// Imported into the program before it begins (NODE_OPTIONS): sends it SIGNAL (SIGKILL unless told otherwise) when it
// comes by the step that AT_STEP names, for the n-th time with `step#n`. Nothing of the program runs after a SIGKILL,
// nor after a SIGSTOP until it is woken.
import { subscribe } from 'node:diagnostics_channel';

const [step, nth = '1'] = (process.env.AT_STEP ?? '').split('#');
let seen = 0;
subscribe('chat-export:step', (message) => {
  if (message.step !== step) return;
  seen += 1;
  if (seen === Number(nth)) process.kill(process.pid, process.env.SIGNAL ?? 'SIGKILL');
});
