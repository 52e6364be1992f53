#!/bin/sh
# Makes the certificates of the TLS tests anew, with openssl: a CA, servers good and expired, a client, and another CA.
# The keys of the two CAs are not kept.
set -e
cd "$(dirname "$0")"
certificate() { # name, common name, extensions, first day, last day, options of the issuer
  openssl ecparam -name prime256v1 -genkey -noout > "$1.key"
  openssl req -new -key "$1.key" -subj "/O=Clinic/CN=$2" > request
  echo "$3" > extensions; : > index; echo 1000 > serial
  cat > settings <<END
[ca]
default_ca = a
[a]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
[p]
O = optional
CN = supplied
END
  openssl ca -batch -notext -config settings $6 -in request -extfile extensions -startdate "$4" -enddate "$5" -out "$1.pem"
  rm -f request extensions index* serial* settings 1000.pem
}
for name in ca other; do
  certificate $name "Clinic $name" "basicConstraints=critical,CA:TRUE" 20200101000000Z 21200101000000Z "-selfsign -keyfile $name.key"
done
by_ca="-cert ca.pem -keyfile ca.key"
pacs="subjectAltName=DNS:pacs.example.org,DNS:*.pacs.example.org,IP:10.0.0.2"
certificate server pacs.example.org "$pacs" 20200101000000Z 21200101000000Z "$by_ca"
certificate expired pacs.example.org "$pacs" 20200101000000Z 20210101000000Z "$by_ca"
certificate client ct.example.org "subjectAltName=DNS:ct.example.org" 20200101000000Z 21200101000000Z "$by_ca"
rm -f ca.key other.key
openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.pem -days 36500 -subj /O=Clinic/CN=pacs.example.org
