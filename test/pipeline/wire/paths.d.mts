export function pathsOf(value: unknown, at?: string): string[];
export function onlyPaths<Value>(value: Value, paths: readonly string[], at?: string): Value;
