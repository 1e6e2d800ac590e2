/** Peers: who this one is, who else there is, admit, remove, invite. */
import { InvalidRequestError, peerIdFromText, peerInfoToJson, RefusedError } from '@pinset/interface'
import { Type } from 'typebox'

import { endpoint, mapped } from '../endpoint.ts'

export const PEER_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/id',
    summary: 'This peer',
    effect: 'read',
    async handle({ signal }, { cluster }) {
      return { kind: 'json', value: peerInfoToJson(await cluster.id({ signal })) }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/version',
    summary: 'The version of this peer',
    effect: 'read',
    handle(_call, { cluster }) {
      return { kind: 'json', value: { version: cluster.version() } }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/peers',
    summary: 'Every peer of the cluster, asked in parallel',
    effect: 'read',
    handle({ signal }, { cluster }) {
      return { kind: 'lines', items: mapped(cluster.peers({ signal }), peerInfoToJson) }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/peers',
    summary: 'Admit the peer that answers at a multiaddr',
    effect: 'write',
    body: Type.Object({
      peer_id: Type.Optional(Type.String({ maxLength: 1024 })),
      address: Type.Optional(Type.String({ maxLength: 1024 })),
    }),
    async handle({ body, signal }, { cluster }) {
      const address = body.address ?? body.peer_id ?? ''
      if (!address.startsWith('/')) {
        if (address !== '') peerIdFromText(address)
        throw new InvalidRequestError(
          'a multiaddr is needed to reach the new peer: {"address": "/ip4/…/tcp/9096/p2p/12D3…"}; `pinset id` prints it there',
        )
      }
      return { kind: 'json', value: peerInfoToJson(await cluster.addPeer(address, { signal })) }
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/peers/:peer',
    summary: 'Remove a peer from the cluster',
    effect: 'write',
    async handle({ params, signal }, { cluster }) {
      await cluster.rmPeer(peerIdFromText(params['peer'] ?? ''), { signal })
      return { kind: 'empty' }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/invite',
    summary: 'A token with which another peer joins; it holds the secret of the cluster',
    effect: 'read',
    policy: 'loopback',
    handle(_call, { cluster, loopback }) {
      if (!loopback)
        throw new RefusedError('an invitation is only given on a loopback listener; run `pinset invite` there')
      return { kind: 'json', headers: { 'cache-control': 'no-store' }, value: { token: cluster.invite() } }
    },
  }),
]
