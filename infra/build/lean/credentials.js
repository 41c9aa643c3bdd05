// Lambda gives a function its credentials in the environment. The SDK would also look for them in
// files, in SSO and in the metadata of machines, with a hundred modules.
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
