echo '192.0.2.77 a-very-long-virtual-server-name.of-some-department.example.net' >> /etc/hosts
echo '10.0.0.77 another-very-long-real-server-name.example.net' >> /etc/hosts
echo '10.0.0.78 exactly-28-columns.net' >> /etc/hosts
echo '2001:db8::77 a-long-name-for-an-ipv6-address.of-some-department.example.net' >> /etc/hosts
echo '192.0.2.78 twenty-three-characters.example' >> /etc/hosts
ipvsadm -A -t 192.0.2.77:80 -s rr
ipvsadm -A -t 192.0.2.78:8080 -s rr
ipvsadm -A -u 192.0.2.77:80 -s rr
ipvsadm -A --sctp-service 192.0.2.77:80 -s rr
ipvsadm -A -t [2001:db8::77]:80 -s rr
ipvsadm -A -f 77 -s rr
ipvsadm -a -t 192.0.2.77:80 -r 10.0.0.77 -m
ipvsadm -a -t 192.0.2.77:80 -r 10.0.0.78:8080 -m
ipvsadm -a -t 192.0.2.77:80 -r [2001:db8::77]:80 -i
ipvsadm -a -t 192.0.2.78:8080 -r 10.0.0.77:65535 -m
ipvsadm -a -t [2001:db8::77]:80 -r 10.0.0.77 -i
ipvsadm -a -t [2001:db8::77]:80 -r [2001:db8::77]:80 -m
ipvsadm -a -f 77 -r 10.0.0.77:80 -m
ipvsadm -L
ipvsadm -L --stats
ipvsadm -L --rate
ipvsadm -L --thresholds
ipvsadm -L --persistent-conn
ipvsadm -L --tun-info
ipvsadm -S
ipvsadm -Sn
ipvsadm -L -t a-very-long-virtual-server-name.of-some-department.example.net:http
ipvsadm -L -t [2001:db8::77]:http --stats
ipvsadm-save
ipvsadm -S | ipvsadm-restore
ipvsadm -Sn
