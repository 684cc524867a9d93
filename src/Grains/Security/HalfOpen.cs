using System.Net;
using System.Net.Sockets;

namespace MicroSpark.Grains.Security;

/// <summary>
/// How many handshakes are under way at one port, in all and of one address. Each takes memory and, with TLS, time before its peer has
/// proved anything. What honest peers do at once, all workers of a host or all clients behind one address, is well below. A port that a
/// few addresses have filled still lets in others that have few.
/// </summary>
internal sealed class HalfOpen
{
    public const int MostOfPort = 1024;
    public const int MostOfAddress = 256;

    /// <summary>So few of an address are let in although the port is full.</summary>
    public const int Few = 4;

    /// <summary>Where that ends.</summary>
    public const int MostWithFew = 8 * MostOfPort;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private int _all;

    /// <summary>Null when one more may begin, to be told of with <see cref="Leave"/>; else why not.</summary>
    public string? Enter(EndPoint? peer)
    {
        var address = AddressOf(peer);
        lock (_lock)
        {
            var some = _ofAddress.GetValueOrDefault(address);
            if (some >= MostOfAddress)
            {
                return $"{MostOfAddress} handshakes of its address are under way";
            }

            if (_all >= (some < Few ? MostWithFew : MostOfPort))
            {
                return $"{MostOfPort} handshakes are under way at this port";
            }

            _ofAddress[address] = some + 1;
            _all++;
            return null;
        }
    }

    public void Leave(EndPoint? peer)
    {
        var address = AddressOf(peer);
        lock (_lock)
        {
            var some = _ofAddress[address] - 1;
            _all--;
            if (some == 0)
            {
                _ofAddress.Remove(address);
            }
            else
            {
                _ofAddress[address] = some;
            }
        }
    }

    /// <summary>Of the newer protocol it is the network: whoever has one address of it has them all.</summary>
    private static IPAddress AddressOf(EndPoint? peer)
    {
        var address = (peer as IPEndPoint)?.Address ?? IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bytes.Length / 2).Clear();
        return new IPAddress(bytes);
    }
}
