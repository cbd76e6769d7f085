// Imported into the program before it begins (NODE_OPTIONS): every 250 to 750 ms, its event loop stands still for up to
// 40 ms, as in a collection of a large heap or on a machine that is busy with something else.
const between = (least, most) => least + Math.random() * (most - least);

function block() {
  const until = performance.now() + between(0, 40);
  while (performance.now() < until);
  setTimeout(block, between(250, 750)).unref();
}

setTimeout(block, 1_000).unref();
