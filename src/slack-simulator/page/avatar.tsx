const COLOURS = ['#3b6e8f', '#8f5a3b', '#4f7a4a', '#7a4a75', '#8a6d1f', '#4a5a8f'];

/** Initials on a colour that stays the same for a name. */
export function Avatar({ name, bot = false, size = 36 }: { name: string; bot?: boolean; size?: number }) {
  const initials = name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
  const sum = [...name].reduce((all, letter) => all + letter.charCodeAt(0), 0);
  const background = bot ? '#b3541e' : COLOURS[sum % COLOURS.length];
  return (
    <span
      className="avatar"
      aria-hidden="true"
      style={{ background, width: size, height: size, fontSize: size * 0.4 }}
    >
      {initials}
    </span>
  );
}
