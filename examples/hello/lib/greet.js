/** A greeting for a name, at most 40 characters of it. */
export const greet = (greeting, name) => `${greeting}, ${name.trim().slice(0, 40) || 'stranger'}!`;
