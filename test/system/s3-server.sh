#!/usr/bin/env bash
# Starts Ceph's S3 gateway in the folder $1 and exports what a client of AWS needs to reach it. Its
# processes leave their ids in $1/run. One monitor, one manager, one store of objects in memory.
# It knows SigV4, multipart uploads, versions, Object Lock, encryption with a test key (testkey-1),
# and conditional puts.

start_s3() {
  local place=$1 ports port monitor old_monitor conf=$1/ceph.conf keys=$1/keyring id
  mkdir -p "$place"/{mon,mgr,osd,rgw,run}
  ports=$(npx node --input-type=module -e "
    import { freePort } from './src/core/free-port.ts'
    console.log((await Promise.all([freePort(), freePort(), freePort()])).join(' '))")
  read -r port monitor old_monitor <<< "$ports"
  cat > "$conf" << X
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon initial members = a
mon host = [v2:127.0.0.1:$monitor,v1:127.0.0.1:$old_monitor]
keyring = $keys
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
osd pool default pg num = 2
osd pool default pg autoscale mode = off
osd objectstore = memstore
memstore device bytes = 2147483648
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 1
mon data avail crit = 1
mon max pg per osd = 1000
run dir = $place/run
admin socket = $place/run/\$cluster-\$name.asok
pid file = $place/run/\$name.pid
log file = $place/\$name.log
[mon.a]
mon data = $place/mon
[mgr.x]
mgr data = $place/mgr
[osd.0]
osd data = $place/osd
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $place/rgw
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
X
  key() { ceph-authtool "$keys" "$@" > /dev/null; }
  ceph-authtool -C "$keys" --gen-key -n mon. --cap mon 'allow *' > /dev/null
  key --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  key --gen-key -n client.rgw.a --cap mon 'allow rw' --cap osd 'allow rwx' --cap mgr 'allow rw'
  key --gen-key -n mgr.x --cap mon 'allow profile mgr' --cap osd 'allow *'
  key --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *' \
    --cap mgr 'allow profile osd'
  monmaptool --create --clobber --fsid "$(sed -n 's/^fsid = //p' "$conf")" \
    --addv a "[v2:127.0.0.1:$monitor,v1:127.0.0.1:$old_monitor]" "$place/monmap" > /dev/null
  ceph-mon -c "$conf" --mkfs -i a --monmap "$place/monmap" --keyring "$keys"
  ceph-mon -c "$conf" -i a
  ceph -c "$conf" config set mon auth_allow_insecure_global_id_reclaim false
  ceph-mgr -c "$conf" -i x
  id=$(cat /proc/sys/kernel/random/uuid)
  ceph -c "$conf" osd new "$id" > /dev/null
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$id" > /dev/null 2>&1
  ceph-osd -c "$conf" -i 0 > /dev/null 2>&1
  radosgw -c "$conf" -n client.rgw.a
  for _ in $(seq 1 600); do
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
    sleep 1
  done
  (exec 3<> "/dev/tcp/127.0.0.1/$port") || { tail -20 "$place"/*.log; return 1; }
  radosgw-admin -c "$conf" user create --uid=inlet --display-name=inlet \
    --access-key=inlet --secret-key=inlet-secret > /dev/null 2>&1
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=inlet AWS_SECRET_ACCESS_KEY=inlet-secret
}

start_s3 "$1"
