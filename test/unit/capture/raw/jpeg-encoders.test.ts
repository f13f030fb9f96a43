import { openTurboJpeg } from '../../../../src/capture/raw/turbojpeg/turbojpeg-encoder.ts';
import { CONTRACT_PICTURE, jpegEncoderContract } from '../../../support/jpeg-encoder-contract.ts';
import { ScriptedEncoder } from '../../../support/scripted-encoder.ts';
import { ScriptedMachine } from '../../../support/scripted-machine.ts';

jpegEncoderContract('libjpeg-turbo', async (desks) => openTurboJpeg(CONTRACT_PICTURE, 90, desks));
jpegEncoderContract('The scripted encoder of the tests', async (desks) => new ScriptedEncoder(desks));
jpegEncoderContract('A V4L2 machine', async (desks) => new ScriptedMachine(CONTRACT_PICTURE).encoder(desks));
