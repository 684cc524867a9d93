using System.Buffers.Binary;
using System.Security.Cryptography;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Grains.Security;

/// <summary>
/// The hash of a call's arguments, the same at both ends. What the caller holds and what the callee was given may differ in how they are
/// written (an array came of a list), so each argument is written, read and written again: after that it is alike everywhere.
/// </summary>
internal sealed class CallArguments(Serializer serializer)
{
    public const int HashLength = SHA256.HashSizeInBytes;

    public void Hash(IInvokable request, Span<byte> hash)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            var sent = serializer.SerializeToArray(request.GetArgument(i));
            var seen = serializer.SerializeToArray(serializer.Deserialize<object?>(sent));
            BinaryPrimitives.WriteInt32LittleEndian(length, seen.Length);
            sha.AppendData(length);
            sha.AppendData(seen);
        }

        sha.GetHashAndReset(hash);
    }
}
