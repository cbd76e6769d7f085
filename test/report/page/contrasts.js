// Within a page: how much each element with letters of its own stands out against what is behind it.
(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    if (element === null) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(element);
    return channels(backgroundColor)[3] === 0 ? groundOf(element.parentElement) : backgroundColor;
  };
  return [...document.body.querySelectorAll('*')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim()))
    .filter(({ tagName }) => tagName !== 'title' && tagName !== 'desc')
    .map((element) => {
      const { color, fill } = getComputedStyle(element);
      const letters = luminance(element.tagName === 'text' ? fill : color);
      const ground = luminance(groundOf(element));
      return {
        text: element.textContent,
        ratio: (Math.max(letters, ground) + 0.05) / (Math.min(letters, ground) + 0.05),
      };
    });
})();
