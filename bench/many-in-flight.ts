import type { Figure } from './figure.ts';
export const manyInFlight = async (): Promise<Figure[]> => [];
