/** How long it is waited for people to leave, where nobody says otherwise. */
export const usualLimitMs = 4 * 60 * 60_000;
