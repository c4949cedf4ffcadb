import { press, type Say, typeLine } from '../spoken.ts';

export const sayImage: Say<'image'> = (_, { study, field }) => ({
  told: [
    `Deploy an image to ${study.stack}. Which one: its name in the registry, with a tag or a digest.`,
    'Nothing changes yet: what would is told next.',
  ],
  choices: field.text === '' ? [] : [{ label: `The one that runs: ${field.text}`, run: press('Enter') }],
  asks: field.text === '' ? 'Type the image, or back.' : 'Type 1, another image, or back.',
  takes: (state, text) => typeLine(text)(state),
});
