import type { Figure } from './figure.ts';
export const atRest = async (): Promise<Figure[]> => [];
