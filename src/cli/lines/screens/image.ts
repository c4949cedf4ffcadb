import { withTop } from '../../tui/model/next.ts';
import { type ImageScreen, type ProposedImage, proposedImages } from '../../tui/model/screens/image.ts';
import { type TuiState, topScreen } from '../../tui/model/state.ts';
import { type Choice, press, type Say, typeLine } from '../spoken.ts';
import { agoInWords } from '../words.ts';

export const sayImage: Say<'image'> = (state, screen) => {
  const { study, field } = screen;
  const proposed = proposedImages(state, screen)
    .map((proposal, index): Choice & Pick<ProposedImage, 'image'> => ({
      image: proposal.image,
      about: `${proposal.image} ${typeof proposal.from === 'string' ? proposal.from : proposal.from.release}`,
      label: `${proposal.image}, ${originOf(proposal, state)}`,
      run: chooseAt(index),
    }))
    .filter(({ image }) => image !== field.text);
  const choices = [
    ...(field.text === '' ? [] : [{ label: `The one that runs: ${field.text}`, run: chooseAt(undefined) }]),
    ...proposed,
  ];
  return {
    told: [
      `Deploy an image to ${study.stack}. Which one: its name in the registry, with a tag or a digest.`,
      'Nothing changes yet: what would is told next.',
    ],
    choices,
    asks: choices.length > 0 ? 'Type a number, another image, or back.' : 'Type the image, or back.',
    takes: (now, text) => typeLine(text)(now),
  };
};

function chooseAt(at: number | undefined): Choice['run'] {
  return (state) => press('Enter')(withTop(state, { ...(topScreen(state) as ImageScreen), at }));
}

function originOf({ from }: ProposedImage, { now }: TuiState): string {
  if (typeof from === 'string') return `which ${from} runs`;
  return `release ${from.release}${from.state === 'failed' ? ', which failed' : ''}, ${agoInWords(from.createdAt, now)} by ${from.author}`;
}
