using System.Net;
using System.Net.Sockets;
using MicroSpark.Options;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// Orleans knows no port 0. A free port is found by binding it for a moment. When another process takes it in between, the start fails, and
/// the caller starts again with other ports (<see cref="IsTaken"/>).
/// </summary>
internal static class FreePorts
{
    /// <summary>Distinct free ports of one address, all held at once while they are chosen so that none is given twice.</summary>
    public static int[] Find(IPAddress address, int count)
    {
        var sockets = new Socket[count];
        try
        {
            for (var i = 0; i < count; i++)
            {
                sockets[i] = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                sockets[i].Bind(new IPEndPoint(address, 0));
            }

            return [.. sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Port)];
        }
        finally
        {
            foreach (var socket in sockets)
            {
                socket?.Dispose();
            }
        }
    }

    /// <exception cref="InvalidSettingException">The port is given (not 0) and cannot be bound.</exception>
    public static void RequireFree(IPAddress address, int port, string setting)
    {
        if (port == 0)
        {
            return;
        }

        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException e)
        {
            throw Taken(address, port, setting, e);
        }
    }

    public static InvalidSettingException Taken(IPAddress address, int port, string setting, Exception error) =>
        new(setting, port.ToString(System.Globalization.CultureInfo.InvariantCulture), $"a port that this process can listen on at "
            + $"{address} ({error.Message}); 0 takes a free one", error);

    /// <summary>Whether a host did not start because somebody else has one of its ports.</summary>
    public static bool IsTaken(Exception? error) => error switch
    {
        null => false,
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => true,
        Microsoft.AspNetCore.Connections.AddressInUseException => true,
        AggregateException several => several.InnerExceptions.Any(IsTaken),
        _ => IsTaken(error.InnerException),
    };
}
