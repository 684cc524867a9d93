using System.Net;

namespace MicroSpark.Grains.Security;

/// <summary>
/// How many handshakes are under way at one port, in all and of one address. Each takes memory and, with TLS, time before its peer has
/// proved anything. What honest peers do at once, all workers of a host or all clients behind one address, is well below.
/// </summary>
internal sealed class HalfOpen
{
    public const int MostOfPort = 1024;
    public const int MostOfAddress = 256;

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

            if (_all >= MostOfPort)
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

    private static IPAddress AddressOf(EndPoint? peer) => (peer as IPEndPoint)?.Address ?? IPAddress.None;
}
