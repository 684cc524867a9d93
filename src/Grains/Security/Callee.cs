using System.Net;
using System.Text;

namespace MicroSpark.Grains.Security;

/// <summary>Which of a silo's two ports a connection goes to.</summary>
internal enum Door : byte
{
    /// <summary>From silo to silo.</summary>
    Silo = 1,

    /// <summary>From client to silo.</summary>
    Gateway = 2,
}

/// <summary>
/// Who is called: the port's kind and its address, as the caller dialled it and as the silo tells it to the cluster. The caller's proof
/// covers them, so a proof that somebody relays to another silo, or to the other port, is refused there.
/// </summary>
internal sealed record Callee(Door Door, string Address)
{
    /// <summary>What <see cref="Address"/> is when the endpoint has no IP address: an end within a test.</summary>
    private const string Nowhere = "-";

    public static Callee Of(Door door, EndPoint? endpoint) => new(door, endpoint switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString(),
        IPEndPoint plain => plain.ToString(),
        _ => Nowhere,
    });

    public override string ToString() => $"the {(Door == Door.Silo ? "silo" : "gateway")} port at {Address}";

    public byte[] Encode() => [(byte)Door, .. Encoding.UTF8.GetBytes(Address)];
}
